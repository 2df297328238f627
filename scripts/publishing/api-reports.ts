/* The public declarations of every entry, as files that are compared. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IExtractorMessagesConfig,
} from '@microsoft/api-extractor';
import { ROOT } from '../run.js';
import { CheckFailed } from './checks.js';
import type { PackageEntry, PackedPackage } from './packed-packages.js';
import { difference } from './difference.js';

const FOLDER = join(ROOT, 'docs/api');

const MESSAGES: IExtractorMessagesConfig = {
  compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
  extractorMessageReporting: {
    default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
    // Everything that is exported is public; members whose names say it all need no comment.
    'ae-undocumented': { logLevel: ExtractorLogLevel.None },
    'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
  },
  tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
};

/** Where the report of an entry is kept. */
function reportFile({ slug }: PackageEntry): string {
  return join(FOLDER, `${slug}.api.md`);
}

/** Writes the reports of a package's entries. */
export async function writeReports(packed: PackedPackage): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const entry of packed.entries) await writeFile(reportFile(entry), await report(packed, entry));
}

/** The reports of entries that there are no longer. */
export async function leftOverReports(packages: readonly PackedPackage[]): Promise<string[]> {
  const names = new Set(packages.flatMap(({ entries }) => entries.map(({ slug }) => `${slug}.api.md`)));
  const kept = existsSync(FOLDER) ? await readdir(FOLDER) : [];
  return kept
    .filter((name) => name.endsWith('.api.md') && !names.has(name))
    .map((name) => join(FOLDER, name));
}

/** @throws CheckFailed with the difference when a kept report is not what was built */
export async function compareReports(packed: PackedPackage): Promise<void> {
  const problems: string[] = [];
  for (const entry of packed.entries) {
    const file = reportFile(entry);
    const kept = existsSync(file) ? await readFile(file, 'utf8') : '';
    const lines = difference(kept, await report(packed, entry));
    if (lines.length > 0) {
      problems.push(
        `${relative(ROOT, file)} is not what ${entry.specifier} exports. Run: pnpm api`,
        ...lines,
      );
    }
  }
  CheckFailed.ifAny(problems);
}

async function report(packed: PackedPackage, entry: PackageEntry): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-api-'));
  try {
    extract(packed, entry, folder);
    const text = await readFile(join(folder, `${entry.slug}.api.md`), 'utf8');
    // Positions in built files would make every report differ with every change.
    return text.replace(/^(\/\/ \S+\.d\.ts):\d+:\d+ /gm, '$1 ');
  } finally {
    await rm(folder, { recursive: true });
  }
}

function extract(
  { unpacked }: PackedPackage,
  { slug, types, specifier }: PackageEntry,
  folder: string,
): void {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: unpacked,
      mainEntryPointFilePath: join(unpacked, types),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: compilerConfig(join(unpacked, types)), skipLibCheck: true },
      apiReport: { enabled: true, reportFileName: slug, reportFolder: folder, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: MESSAGES,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(unpacked, 'package.json'),
  });
  const errors: string[] = [];
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error)
        errors.push(message.formatMessageWithLocation(unpacked));
      message.handled = true;
    },
  });
  if (errorCount > 0) throw new CheckFailed([`${specifier} has no report:`, ...errors].join('\n'));
}

function compilerConfig(file: string): object {
  return {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      lib: ['ES2023'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: [file],
  };
}
