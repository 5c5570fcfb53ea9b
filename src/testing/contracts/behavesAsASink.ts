import { FatalError } from '../../errors.ts'
import { keepsRules } from './rules.ts'
import { sinkRules } from './sinkRules.ts'
import type { TestedSink } from './sinkRun.ts'

/** What `behavesAsASink` writes. */
export interface SinkContractOptions<T> {
  /** Values to write, 6 or more, no two of them the same. */
  readonly values: readonly T[]
}

/**
 * Tests what makes a sink exactly once: nothing is visible before its checkpoint is decided,
 * everything is visible once afterwards, and a kill in between changes neither. All rules are
 * tried, and one error lists the broken ones. Needs no test runner.
 *
 *     it('behaves as a sink', () => behavesAsASink(() => {
 *       const sink = memorySink<string>()
 *       return { sink, visible: () => sink.committed }
 *     }, { values: ['a', 'b', 'c', 'd', 'e', 'f'] }))
 *
 * @param make called for each rule: a sink on a target of its own
 * @throws CONTRACT_BROKEN a ContractError, where a rule does not hold
 */
export async function behavesAsASink<T>(
  make: () => Promise<TestedSink<T>> | TestedSink<T>,
  options: SinkContractOptions<T>,
): Promise<void> {
  const { values } = options
  if (values.length < 6) {
    throw new FatalError('BAD_OPTION', `behavesAsASink writes ${values.length} values`, { hint: 'Give it 6 or more' })
  }
  const { sink } = await make()
  if (sink.guarantee !== 'exactly-once') {
    throw new FatalError('BAD_OPTION', `the guarantee of sink ${sink.id} is ${sink.guarantee}`, {
      hint: 'behavesAsASink tests exactly-once sinks; others have no rules to keep beyond writing each record',
    })
  }
  await keepsRules(`sink ${sink.id}`, sinkRules(make, values))
}
