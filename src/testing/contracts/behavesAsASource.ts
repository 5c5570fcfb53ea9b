import type { Source } from '../../contracts/source.ts'
import { FatalError } from '../../errors.ts'
import { keepsRules } from './rules.ts'
import { sourceRules } from './sourceRules.ts'

/** What `behavesAsASource` reads. */
export interface SourceContractOptions {
  /** Number of records that the source has to read, from its start offsets on; 3 or more. */
  readonly records: number
}

/**
 * Tests the rules that the runner relies on in a source: its position is exactly behind the last
 * emitted record, an attempt restored from a position continues there, and it never resets itself.
 * All rules are tried, and one error lists the broken ones. Needs no test runner.
 *
 *     it('behaves as a source', () => behavesAsASource(tailFile(path), { records: 20 }))
 *
 * @param source opened once for each attempt, some of them at the same time; its records must not
 *   change meanwhile
 * @throws CONTRACT_BROKEN a ContractError, where a rule does not hold
 */
export async function behavesAsASource<T>(source: Source<T>, options: SourceContractOptions): Promise<void> {
  const { records } = options
  if (!(Number.isInteger(records) && records >= 3)) {
    throw new FatalError('BAD_OPTION', `behavesAsASource reads ${records} records`, { hint: 'Give it 3 or more' })
  }
  await keepsRules(`source ${source.id}`, sourceRules(source, records))
}
