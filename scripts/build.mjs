// Builds dist/: AssemblyScript kernels to WASM, TypeScript to ESM. Does nothing that is already up to date.
// A kernel is one file src/kernels/assembly/NAME.ts; its first line may carry compiler options: `// asc: --flag ...`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const kernelDir = join(root, 'src/kernels/assembly');
const outDir = join(root, 'dist/kernels');
const version = JSON.parse(
  readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'),
).version;
const baseOptions = ['--runtime', 'stub', '-O3', '--noAssert', '--enable', 'simd', '--enable', 'bulk-memory'];

async function buildKernels() {
  mkdirSync(outDir, { recursive: true });
  const sources = existsSync(kernelDir)
    ? readdirSync(kernelDir)
        .filter(f => f.endsWith('.ts'))
        .sort()
    : [];
  const shared = sources
    .filter(f => f.startsWith('_'))
    .map(f => readFileSync(join(kernelDir, f), 'utf8'))
    .join('\0');
  let asc;
  for (const file of sources) {
    if (file.startsWith('_')) continue; // shared code, included by the kernels
    const text = readFileSync(join(kernelDir, file), 'utf8');
    const name = file.slice(0, -3);
    const stamp = createHash('sha256')
      .update([version, ...baseOptions, text, shared].join('\0'))
      .digest('hex');
    const wasmFile = join(outDir, `${name}.wasm`);
    const stampFile = join(outDir, `${name}.stamp`);
    if (existsSync(wasmFile) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) continue;
    asc ??= (await import('assemblyscript/asc')).default;
    const extra =
      /^\/\/ asc: (.*)$/m
        .exec(text.slice(0, text.indexOf('\n')))?.[1]
        .trim()
        .split(/\s+/) ?? [];
    const temporary = `${wasmFile}.${process.pid}.tmp`;
    const args = [
      `src/kernels/assembly/${file}`,
      '--baseDir',
      root,
      '--outFile',
      temporary.slice(root.length + 1),
      ...baseOptions,
      ...extra,
    ];
    const { error, stderr } = await asc.main(args);
    if (error) {
      process.stderr.write(`${stderr?.toString() ?? ''}\nkernel ${name}: ${error.message}\n`);
      process.exit(4);
    }
    renameSync(temporary, wasmFile);
    writeFileSync(stampFile, stamp);
  }
  const known = new Set(sources.map(f => f.slice(0, -3)));
  for (const f of readdirSync(outDir)) {
    const name = /^(.*)\.(wasm|stamp)$/.exec(f)?.[1];
    if (name !== undefined && !known.has(name)) rmSync(join(outDir, f));
  }
}

function buildTypeScript() {
  const tsc = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (tsc.status !== 0) process.exit(4);
}

await buildKernels();
if (!process.argv.includes('--kernels')) buildTypeScript();
