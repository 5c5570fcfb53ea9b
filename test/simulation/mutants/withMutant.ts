import { loadRxweft, type Rxweft } from '../core/rxweft.ts'
import type { Mutant } from './mutants.ts'
import { patchedSources } from './patchedSources.ts'

/** Runs something with rxweft as the mutant makes it, which lies in a folder of its own meanwhile. */
export async function withMutant<R>(
  mutant: Pick<Mutant, 'rule' | 'patches'>,
  run: (rxweft: Rxweft, folder: string) => Promise<R>,
): Promise<R> {
  const { folder, remove } = patchedSources(mutant)
  try {
    return await run(await loadRxweft(folder), folder)
  } finally {
    remove()
  }
}

/** What the first of these schedules finds that finds anything. */
export async function firstProblems(
  seeds: readonly number[],
  play: (seed: number) => Promise<{ readonly problems: readonly string[] }>,
): Promise<string> {
  for (const seed of seeds) {
    const { problems } = await play(seed)
    if (problems.length > 0) return problems.join()
  }
  return ''
}
