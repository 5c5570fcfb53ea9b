/** Arguments that are more than text. */
import { InvalidArgumentError } from 'commander'

export function wholeNumber(given: string): number {
  const number = Number(given)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}
