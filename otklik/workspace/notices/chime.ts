/** Two soft notes, made here, from one tab however many are open, when the browser allows sound. */
const PLAYED = "otklik-chime";
const PAUSE = 3000;

let sound: AudioContext | undefined;

/** Browsers allow sound after a touch or a key; until then another tab may play. */
export function unlock(): void {
  const start = () => {
    sound ??= new AudioContext();
    void sound.resume().catch(() => undefined);
  };
  // Touched before this script came.
  if (navigator.userActivation?.hasBeenActive) start();
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, start, { once: true, capture: true });
}

function note(context: AudioContext, frequency: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.55);
}

export function ring(): boolean {
  sound ??= new AudioContext();
  if (sound.state !== "running") return false;
  note(sound, 660, sound.currentTime);
  note(sound, 880, sound.currentTime + 0.14);
  document.dispatchEvent(new CustomEvent("otklik:chime"));
  return true;
}

/** `id` is the newest notification that wants a sound: it sounds once, and a batch sounds once. */
export async function chime(id: number): Promise<void> {
  const play = async () => {
    const [played = 0, at = 0] = (localStorage.getItem(PLAYED) ?? "").split(" ").map(Number);
    if (played >= id) return;
    const isSoon = Date.now() - at < PAUSE && Date.now() >= at;
    if (!isSoon && !ring()) return; // Not allowed in this tab: another one may.
    localStorage.setItem(PLAYED, `${id} ${isSoon ? at : Date.now()}`);
  };
  if (navigator.locks) await navigator.locks.request(PLAYED, play);
  else await play();
}
