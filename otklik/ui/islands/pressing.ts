/**
 * What a person presses stays under the pointer until they let go: a click is lost, or meets another
 * row, when a live list changes between the button's down and its up.
 */
const LONGEST = 3000; // a text that is being selected; a release that nobody told of
const CLICK = 50; // after a finger's up its click comes in a task of its own

let held: Promise<void> | undefined;
let letThrough = () => {};
let timer = 0;

/** Resolves when nothing is pressed: at once, as a rule. */
export const letGo = (): Promise<void> => held ?? Promise.resolve();

function release(): void {
  held = undefined;
  letThrough();
}

function releaseIn(milliseconds: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(release, milliseconds);
}

document.addEventListener("pointerdown", () => {
  held ??= new Promise((done) => (letThrough = done));
  releaseIn(LONGEST);
}, true);
for (const name of ["pointerup", "pointercancel", "dragend"]) {
  document.addEventListener(name, () => releaseIn(CLICK), true);
}
