/** An error whose message cannot even be read. */
export class RangeErrorLike extends Error {
  override get message(): string {
    throw new TypeError('no message')
  }
}
