/** An error that cannot even be asked what it says. */
export class RangeErrorLike extends Error {
  override get message(): string {
    throw new TypeError('no message')
  }
}
