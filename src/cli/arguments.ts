/** Arguments that are more than text. */
import { InvalidArgumentError } from 'commander'

/** 1 or more. */
export function count(given: string): number {
  const number = wholeNumber(given)
  if (number > 0) return number
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

export function wholeNumber(given: string): number {
  const number = Number(given)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}
