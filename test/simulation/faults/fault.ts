/** What a director has to choose from: things that go wrong, each so many times as likely as another one of weight 1. */
export interface Fault {
  readonly weight: number
  act(): void
}
