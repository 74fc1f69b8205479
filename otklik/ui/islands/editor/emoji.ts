/** Emoji by words in English and Russian; loaded when somebody first types ":sm". */
import rows from "./emoji.json";

const fold = (text: string) => text.toLowerCase().replaceAll("ё", "е");
const known = (rows as string[]).map((row) => {
  const [sign = "", english = "", russian = ""] = row.split(";");
  const words = `${english}|${russian}`.split("|").map(fold);
  return { sign, words, english: english.split("|")[0] ?? "", russian: russian.split("|")[0] ?? "" };
});

/** Best first: a name that begins so, a word that does. */
export function findEmoji(query: string, most = 8): { sign: string; label: string }[] {
  const asked = fold(query).replaceAll("_", " ");
  const isRussian = /[а-я]/.test(asked);
  const ranked = known.flatMap((one, order) => {
    const begins = one.words.findIndex((word) => word.startsWith(asked));
    const inside = one.words.some((word) => word.includes(` ${asked}`));
    const rank = begins >= 0 ? (one.words[begins] === asked ? 0 : 1) : inside ? 2 : 9;
    return rank < 9 ? [{ one, rank, order }] : [];
  });
  ranked.sort((a, b) => a.rank - b.rank || a.order - b.order);
  return ranked.slice(0, most).map(({ one }) => ({ sign: one.sign, label: isRussian ? one.russian : one.english }));
}
