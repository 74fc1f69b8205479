/** Photos of a telephone are of a size for print; on a slow line they keep the person waiting. */
const LONGEST = 2560; // pixels: a page of text photographed stays readable
const QUALITY = 0.85;
const WORTH = 0.7; // smaller than this part of the original, or the original goes

/** The same picture, upright and smaller, without what a camera writes into it (the place, for one).
    The file itself where that gains little or the browser cannot read it. */
export async function lighten(file: File): Promise<File> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#fff"; // what was transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!small || small.size > file.size * WORTH) return file;
    return new File([small], file.name.replace(/\.\w{2,5}$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}
