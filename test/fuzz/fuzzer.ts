/**
 * Feeds one target with inputs: those that are kept, then changed ones. An input by which code runs that had not run before is changed
 * further. Coverage is looked at once for a group of inputs, and one by one only where the group had something new.
 */
import { Buffer } from 'node:buffer'
import { setImmediate as turn } from 'node:timers/promises'
import type { Coverage } from './coverage.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Target } from './targets.ts'

export interface Finding {
  readonly input: Buffer
  readonly what: string
}

const groupSize = 512
/** Where so few are left that may have reached something, all of them are kept: to look costs more. */
const few = 8
/** ms of CPU time */
const longest = 100
/** No more are told of one target. */
const mostFindings = 5

/** @param begun hears of each input before it is run, in case that it never ends */
export async function fuzz(
  target: Target,
  kept: readonly Buffer[],
  inputs: number,
  { coverage, random, begun }: { readonly coverage: Coverage; readonly random: Random; begun(input: Buffer): void },
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const corpus = [...(await target.seeds())]

  async function once(input: Buffer): Promise<void> {
    begun(input)
    try {
      const running = target.run(input)
      if (running !== undefined) await running
    } catch (thrown) {
      if (!target.isRight(thrown)) add(input, `threw ${thrown instanceof Error ? thrown.stack : thrown}`)
    }
  }

  async function timed(input: Buffer): Promise<void> {
    const began = performance.now()
    await once(input)
    if (performance.now() - began < longest) return
    // The machine may have been busy: CPU time counts, and the best of three.
    let best = Infinity
    for (let tries = 0; tries < 3; tries++) {
      const before = process.cpuUsage()
      await once(input)
      const { user, system } = process.cpuUsage(before)
      best = Math.min(best, (user + system) / 1_000)
    }
    if (best > longest) add(input, `took ${Math.round(best)} ms`)
  }

  function add(input: Buffer, what: string): void {
    if (findings.length < mostFindings) findings.push({ input: Buffer.from(input), what })
  }

  function changed(): Buffer {
    const pick = (): Buffer => corpus[random.below(corpus.length)] as Buffer
    const input = mutated(pick(), pick(), random)
    return target.repair !== undefined && random.below(8) > 0 ? target.repair(input) : input
  }

  /** Those of a group by which these blocks run: found by halves, each of which runs again. */
  async function reaching(blocks: readonly string[], group: readonly Buffer[]): Promise<readonly Buffer[]> {
    if (group.length <= few) return group
    const middle = group.length >> 1
    const found: Buffer[] = []
    for (const half of [group.slice(0, middle), group.slice(middle)]) {
      for (const input of half) await once(input)
      const run = new Set(coverage.fresh())
      const theirs = blocks.filter((block) => run.has(block))
      if (theirs.length > 0) found.push(...(await reaching(theirs, half)))
    }
    return found
  }

  for (const input of [...kept, ...corpus]) await timed(input)
  coverage.keep(coverage.fresh())
  for (let done = 0; done < inputs; done += groupSize) {
    const group = Array.from({ length: Math.min(groupSize, inputs - done) }, changed)
    for (const input of group) await timed(input)
    // zlib frees what damaged bytes have left in a turn of its own, which promises alone never give it.
    await turn()
    const fresh = coverage.fresh()
    if (fresh.length > 0) corpus.push(...(await reaching(fresh, group)))
    coverage.keep(fresh)
  }

  return findings
}
