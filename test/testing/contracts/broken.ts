/** Rules that a contract test has found to be broken. */
import { ContractError } from 'rxweft/testing'
import { expect } from 'vitest'

/** Expects that the test rejects, and that this rule, by its first words, is among the broken ones. */
export async function expectBroken(tested: Promise<void>, rule: string): Promise<void> {
  const error = await tested.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ContractError)
  const rules = (error as ContractError).broken.map((broken) => broken.rule)
  expect(
    rules.filter((broken) => broken.startsWith(rule)),
    (error as ContractError).message,
  ).toHaveLength(1)
}
