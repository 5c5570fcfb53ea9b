/** What a reader is to do with records that it cannot decode where the policy is to fail. */
import type { Refuse } from '../../../src/contracts/source.ts'

export const failing: Refuse = (_, error) => {
  throw error
}
