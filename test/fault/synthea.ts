import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBundleFile } from '../../src/fhir/bundle-text.ts';
import { cutBundle } from '../../src/fhir/cut.ts';
import { extractBundle, type ResidentDrafts } from '../../src/fhir/extract.ts';
import { partyRegister } from '../../src/fhir/party-register.ts';
import type { Node } from '../../src/main.ts';

/** The Synthea bundles beside the project. */

const FOLDER = fileURLToPath(new URL('../../../shared/data/synthea/', import.meta.url));
export const PRESENT = existsSync(FOLDER);
export const titled = (title: string, bundles: number): string =>
  PRESENT ? `${title} (${bundles} bundles)` : `${title} (skipped: ../shared/data/synthea is absent)`;

/** Those of organisations and practitioners, then so many people's, spread over the folder; some of the dead are among them. */
export function bundleFiles(bundles: number): string[] {
  if (!PRESENT) return [];
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json.gz'))
    .sort();
  const information = all.filter((name) => /^(?:hospital|practitioner)Information/.test(name));
  const people = all.filter((name) => !information.includes(name));
  const step = people.length / bundles;
  const chosen = Array.from(
    { length: bundles },
    (_, i) => people[(Math.floor(i * step) + 4) % people.length] as string,
  );
  return [...information, ...chosen].map((name) => join(FOLDER, name));
}

/** What the bundles say of people and their records, read without a ledger. */
export async function peopleIn(files: readonly string[]): Promise<ResidentDrafts[]> {
  const bundles = await Promise.all(files.map(async (file) => cutBundle(await readBundleFile(file))));
  const register = partyRegister();
  for (const bundle of bundles) register.add(extractBundle(bundle));
  return bundles.flatMap((bundle) => extractBundle(bundle, { partyElsewhere: register.partyElsewhere }).residents);
}

/** How many leaves the ledger has, and how many of them in residents' streams. */
export async function leavesOf(node: Node): Promise<{ readonly all: number; readonly residents: number }> {
  const leaves = { all: 0, residents: 0 };
  for await (const { stream } of node.app.ledger.readAll()) {
    leaves.all++;
    if (stream.startsWith('resident/')) leaves.residents++;
  }
  return leaves;
}
