/**
 * How contract tests judge: every rule is tried, each on its own, and one error lists all that are
 * broken.
 */
import { inspect, isDeepStrictEqual } from 'node:util'
import { deadline, systemClock } from '../../clock.ts'
import { RxweftError, toError } from '../../errors.ts'

/** One rule of a contract. */
export interface Rule {
  /** What holds, as the end of a sentence that begins with the name of the part. */
  readonly rule: string
  /** Throws where the rule does not hold. */
  check(): Promise<void> | void
}

/** A rule of a contract that does not hold. */
export interface BrokenRule {
  /** The rule, such as "passes every barrier on, once and in order". */
  readonly rule: string
  /** What was seen instead. */
  readonly found: string
}

/** A part breaks its contract: code CONTRACT_BROKEN. The message lists every broken rule. */
export class ContractError extends RxweftError {
  override readonly name = 'ContractError'
  readonly consequence = 'fatal'
  /** The rules that do not hold. */
  readonly broken: readonly BrokenRule[]

  /** @param part the name of what was tested */
  constructor(part: string, broken: readonly BrokenRule[]) {
    const lines = broken.map(({ rule, found }) => `\n  ${part} ${rule}: it does not. ${found}`)
    super('CONTRACT_BROKEN', `${part} breaks ${broken.length} of its rules:${lines.join('')}`)
    this.broken = broken
  }
}

/** ms that one rule may take, before it counts as broken. */
const patience = 5_000

/** Tries every rule. Rejects with ContractError where some do not hold. */
export async function keepsRules(part: string, rules: readonly Rule[]): Promise<void> {
  const broken: BrokenRule[] = []
  for (const { rule, check } of rules) {
    try {
      await inTime(check)
    } catch (thrown) {
      broken.push({ rule, found: toError(thrown).message })
    }
  }
  if (broken.length > 0) throw new ContractError(part, broken)
}

async function inTime(check: Rule['check']): Promise<void> {
  let cancel = (): void => undefined
  const late = new Promise<never>((_, reject) => {
    cancel = deadline(systemClock, patience, () => reject(new Error(`Nothing came within ${patience / 1_000} s.`)))
  })
  try {
    await Promise.race([Promise.resolve().then(check), late])
  } finally {
    cancel()
  }
}

/** Throws where the two are not the same values. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what}: ${shown(actual)}; expected: ${shown(expected)}.`)
}

/** Throws where it does not hold. */
export function holds(what: string, condition: boolean, found?: unknown): void {
  if (!condition) throw new Error(`${what}${found === undefined ? '' : `: ${shown(found)}`}.`)
}

function shown(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 12, maxStringLength: 80 })
}
