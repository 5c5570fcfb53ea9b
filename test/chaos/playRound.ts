/**
 * One round: a job of its own, some faults one after the other, and the verdict of Java, with the
 * fault that is to blame for each wrong line.
 */
import { toError } from '../../src/errors.ts'
import type { Arena } from '../faults/arena.ts'
import { type Count, show } from '../faults/count.ts'
import type { Fault } from '../faults/fault.ts'
import { openSite, type Site } from '../faults/site.ts'
import { strike } from '../faults/strike.ts'

/** What one injection has done. */
export interface Injection {
  readonly fault: Fault
  /** ms; null where the job did not behave as it must. */
  readonly recovery: number | null
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
}

export interface Played {
  readonly injections: readonly Injection[]
  /** Nothing is wrong. */
  readonly clean: boolean
}

interface Struck extends Pick<Injection, 'fault' | 'recovery'> {
  /** The lines that were fed in the meantime: after `from`, up to `to`. */
  readonly from: number
  readonly to: number
}

/** @param isOver the time is over: no further fault, only the verdict. */
export async function playRound(
  arena: Arena,
  faults: readonly Fault[],
  random: () => number,
  isOver: () => boolean,
): Promise<Played> {
  // A fault that has failed may have left it dead.
  if (arena.broker.pid === null) await arena.broker.restart()
  const site = await openSite(arena, random)
  const struck: Struck[] = []
  try {
    for (const fault of faults) {
      if (isOver()) break
      const one = await strikeAndTell(fault, site)
      struck.push(one)
      // A job that has misbehaved is judged as it is.
      if (one.recovery === null) break
    }
    const counted = await site.judge().catch((thrown) => tell(`no verdict: ${toError(thrown).message}`))
    if (counted !== null) console.log(`  ${show(counted)}`)
    return { injections: struck.map((one) => blame(one, counted)), clean: isClean(struck, counted) }
  } finally {
    await site.close()
  }
}

async function strikeAndTell(fault: Fault, site: Site): Promise<Struck> {
  const from = site.lines.fed
  const recovery = await strike(fault, site).catch((thrown) => tell(toError(thrown).message))
  if (recovery !== null) console.log(`  ${fault.name}: over after ${Math.round(recovery)} ms`)
  return { fault, recovery, from, to: site.lines.fed }
}

function blame({ fault, recovery, from, to }: Struck, counted: Count | null): Injection {
  const those = (numbers: readonly number[] = []) => numbers.filter((number) => number > from && number <= to).length
  const [lost, duplicated, reordered] = [those(counted?.lost), those(counted?.duplicated), those(counted?.reordered)]
  return { fault, recovery, lost, duplicated, reordered }
}

function isClean(struck: readonly Struck[], counted: Count | null): boolean {
  if (counted === null || struck.some(({ recovery }) => recovery === null)) return false
  const { lost, duplicated, reordered, foreign } = counted
  return counted.in === counted.out && [lost, duplicated, reordered, foreign].every(({ length }) => length === 0)
}

function tell(what: string): null {
  console.log(`  FAILED: ${what}`)
  return null
}
