/** The number beside a list's title is the one of the navigation, in whichever layout it is shown. */
import { hearOutside } from "../../ui/islands/outside";

export default function listCount(element: HTMLElement): void {
  const show = () => {
    const count = document.querySelector("#nav-lists [aria-current] .nav-count")?.textContent ?? "";
    if (element.textContent !== count) element.textContent = count;
  };
  hearOutside(element, document, "ui:live", show);
  show();
}
