/**
 * Bundles the browser half of Otklik into otklik/ui/dist/: hashed files, manifest.json, icons.json.
 *
 * Rooms are found by glob, so a room adds an island or a style sheet without editing anything here:
 *   otklik/<room>/islands/<name>.ts   loaded when the page holds <ok-name> or [data-island~="name"]
 *   otklik/<room>/css/<name>.css      in the layer "screens"; of the portal room: portal.css only
 *
 * Usage: node scripts/build_frontend.mjs [--watch]
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const ui = path.join(root, "otklik", "ui");
const dist = path.join(ui, "dist");
const iconPackage = path.join(root, "node_modules", "lucide-static");
const browsers = ["es2022", "chrome111", "firefox115", "safari16.4"];

/** Files below otklik/ whose parent folder has the given name, sorted, the ui room left out. */
async function filesOfRooms(folder, extension) {
  const found = [];
  async function walk(directory) {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "__pycache__") continue;
      const full = path.join(directory, entry.name);
      if (full === ui) continue;
      if (entry.isDirectory()) await walk(full);
      else if (path.basename(directory) === folder && entry.name.endsWith(extension)) found.push(full);
    }
  }
  await walk(path.join(root, "otklik"));
  return found.filter((file) => !file.endsWith(".d.ts")).sort();
}

const colour = ([l, c, h]) => `oklch(${l} ${c} ${h})`;

/** The custom properties of both themes and the 36 avatar hues, from tokens.json. */
async function tokensCss() {
  const tokens = JSON.parse(await readFile(path.join(ui, "tokens.json"), "utf8"));
  const theme = (name) => {
    const avatar = tokens.avatar[name];
    const lines = Object.entries(tokens[name]).map(([key, value]) => `--${key}: ${colour(value)};`);
    lines.push(
      `--avatar-fill-lc: ${avatar.fill.join(" ")};`,
      `--avatar-ink-lc: ${avatar.ink.join(" ")};`,
      `color-scheme: ${name};`,
      `--shadow-float: 0 8px 28px rgb(0 0 0 / ${name === "light" ? "24%" : "50%"});`,
      `--shadow-dialog: 0 24px 64px rgb(0 0 0 / ${name === "light" ? "28%" : "50%"});`,
    );
    return lines.join("\n");
  };
  const hues = Array.from({ length: 36 }, (_, step) => `.hue-${step} { --hue: ${step * 10}; }`);
  return `@layer tokens {
:root, [data-theme="light"] { ${theme("light")} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${theme("dark")} } }
[data-theme="dark"] { ${theme("dark")} }
${hues.join("\n")}
}`;
}

/** Modules that exist only while bundling: tokens, style sheets per audience, the island register. */
const virtual = {
  name: "virtual",
  setup(build) {
    build.onResolve({ filter: /^virtual:/ }, ({ path: name }) => ({ path: name, namespace: "virtual" }));
    build.onLoad({ filter: /^virtual:tokens\.css$/, namespace: "virtual" }, async () => ({
      contents: await tokensCss(),
      loader: "css",
    }));
    build.onLoad({ filter: /^virtual:(agent|portal|plain)\.css$/, namespace: "virtual" }, async ({ path: name }) => {
      const audience = name.slice("virtual:".length, -".css".length);
      const own = (await readdir(path.join(ui, "css"))).filter((file) => file.endsWith(".css")).sort();
      const lines = ["@layer reset, tokens, base, components, screens;", '@import "virtual:tokens.css";'];
      for (const file of own) {
        const only = /\.(agent|portal)\.css$/.exec(file)?.[1];
        if (!only || only === audience) lines.push(`@import ${JSON.stringify(path.join(ui, "css", file))};`);
      }
      if (audience !== "plain") {
        for (const file of await filesOfRooms("css", ".css")) {
          const ofPortal = file.includes(`${path.sep}portal${path.sep}`) || file.endsWith(".portal.css");
          if (ofPortal === (audience === "portal")) lines.push(`@import ${JSON.stringify(file)} layer(screens);`);
        }
      }
      return { contents: lines.join("\n"), loader: "css", resolveDir: root };
    });
    build.onLoad({ filter: /^virtual:islands$/, namespace: "virtual" }, async () => {
      const seen = new Map();
      const own = (await readdir(path.join(ui, "islands", "lazy"))).filter((file) => file.endsWith(".ts"));
      const files = [...own.map((file) => path.join(ui, "islands", "lazy", file)), ...(await filesOfRooms("islands", ".ts"))];
      for (const file of files) {
        const name = path.basename(file, ".ts").replaceAll("_", "-");
        if (seen.has(name)) throw new Error(`Two islands are called ${name}: ${seen.get(name)} and ${file}`);
        seen.set(name, file);
      }
      const entries = [...seen].map(([name, file]) => `${JSON.stringify(name)}: () => import(${JSON.stringify(file)}),`);
      return { contents: `export const islands = {\n${entries.join("\n")}\n};`, loader: "js", resolveDir: root };
    });
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  target: browsers,
  metafile: true,
  write: false,
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
  plugins: [virtual],
};

async function icons() {
  const drawings = {};
  if (!existsSync(iconPackage)) throw new Error("The icon set is not installed: run npm ci.");
  for (const [folder, own] of [[path.join(iconPackage, "icons"), false], [path.join(ui, "icons"), true]]) {
    for (const file of await readdir(folder)) {
      if (!file.endsWith(".svg")) continue;
      const svg = (await readFile(path.join(folder, file), "utf8")).replace(/<!--[\s\S]*?-->/g, "");
      const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
      drawings[path.basename(file, ".svg")] = inner.replace(/>\s+</g, "><").replace(/\s*\/>/g, "/>").trim();
      if (own) drawings[path.basename(file, ".svg")] = inner.replace(/\s+/g, " ").trim();
    }
  }
  return JSON.stringify(drawings);
}

async function publish(name, contents) {
  const target = path.join(dist, name);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(`${target}.part`, contents);
  await rename(`${target}.part`, target);
}

async function publishCompressed(name, contents) {
  await publish(name, contents);
  await publish(`${name}.gz`, gzipSync(contents, { level: 9 }));
  await publish(`${name}.br`, brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}

async function build() {
  const started = performance.now();
  const [scripts, embed, worker, styles] = await Promise.all([
    esbuild.build({
      ...shared,
      entryPoints: { agent: "otklik/ui/islands/agent.ts", portal: "otklik/ui/islands/portal.ts" },
      format: "esm",
      splitting: true,
      outdir: dist,
      entryNames: "[name]-[hash]",
      chunkNames: "chunk-[name]-[hash]",
    }),
    esbuild.build({
      ...shared,
      entryPoints: { embed: "otklik/ui/islands/embed.ts" },
      format: "iife",
      outdir: dist,
      entryNames: "[name]-[hash]",
    }),
    esbuild.build({
      ...shared,
      entryPoints: { worker: "otklik/ui/worker/worker.ts" },
      format: "iife",
      outdir: dist,
      entryNames: "[name]-[hash]",
    }),
    esbuild.build({
      ...shared,
      entryPoints: { agent: "virtual:agent.css", portal: "virtual:portal.css", plain: "virtual:plain.css" },
      outdir: dist,
      entryNames: "[name]-[hash]",
    }),
  ]);
  const manifest = {};
  const kept = new Set(["manifest.json", "icons.json"]);
  for (const result of [scripts, embed, worker, styles]) {
    for (const output of result.outputFiles) {
      const name = path.relative(dist, output.path);
      kept.add(name).add(`${name}.gz`).add(`${name}.br`);
      await publishCompressed(name, output.contents);
    }
    for (const [output, { entryPoint }] of Object.entries(result.metafile.outputs)) {
      if (!entryPoint || entryPoint.includes("lazy/")) continue;
      const file = path.basename(output);
      const logical = file.replace(/-[A-Z0-9]{8}(?=\.(js|css)$)/, "");
      if (!logical.startsWith("chunk-")) manifest[logical] = file;
    }
  }
  for (const file of await readdir(path.join(ui, "icons", "files"))) {
    const contents = await readFile(path.join(ui, "icons", "files", file));
    const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
    const { name, ext } = path.parse(file);
    manifest[file] = `${name}-${hash}${ext}`;
    kept.add(manifest[file]);
    await publish(manifest[file], contents);
  }
  await publish("icons.json", await icons());
  // The manifest goes last: a page rendered meanwhile still finds every file it names.
  await publish("manifest.json", JSON.stringify(manifest, null, 1));
  for (const file of await readdir(dist)) if (!kept.has(file)) await rm(path.join(dist, file), { recursive: true });
  await report(manifest, scripts.metafile, Math.round(performance.now() - started));
}

/** Says what a first page costs over the wire: the entry, what it imports at once, its styles. */
async function report(manifest, metafile, milliseconds) {
  const size = async (file) => (await stat(path.join(dist, `${file}.gz`))).size;
  for (const audience of ["agent", "portal"]) {
    const eager = new Set();
    const follow = (output) => {
      if (eager.has(output)) return;
      eager.add(output);
      for (const { path: next, kind } of metafile.outputs[output].imports) {
        if (kind === "import-statement") follow(next);
      }
    };
    follow(path.relative(root, path.join(dist, manifest[`${audience}.js`])));
    let scripts = 0;
    for (const output of eager) scripts += await size(path.basename(output));
    const styles = await size(manifest[`${audience}.css`]);
    const kilobytes = (bytes) => (bytes / 1024).toFixed(1);
    console.log(`${audience}: ${kilobytes(scripts)} kB scripts + ${kilobytes(styles)} kB styles, gzip`);
  }
  console.log(`built in ${milliseconds} ms`);
}

await mkdir(dist, { recursive: true });
if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer;
  const again = () => build().catch((error) => console.error(error.message));
  await again();
  watch(path.join(root, "otklik"), { recursive: true }, (_event, file) => {
    if (!file || file.includes("ui/dist") || !/\.(ts|css|svg|json)$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(again, 100);
  });
} else {
  await build();
}
