/** Words as they are compared: case, ё and е; and what was typed with the other keyboard layout. */
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё";

export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll("ё", "е");
}

/** "ыщдму" for "solve", "htibnm" for "решить". Letters without a counterpart stay. */
export function swapLayout(text: string): string {
  return [...text.toLowerCase()]
    .map((letter) => {
      const latin = LATIN.indexOf(letter);
      if (latin >= 0) return CYRILLIC[latin];
      const cyrillic = CYRILLIC.indexOf(letter);
      return cyrillic >= 0 ? LATIN[cyrillic] : letter;
    })
    .join("");
}
