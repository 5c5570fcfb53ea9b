/** What a command says, and with which exit code it ends. */
import { toError } from '../errors.ts'

/** Exit codes of all commands. */
export const exitCodes = { done: 0, failed: 1, wrongArguments: 2 } as const

/** Error that is one line for the user, and no fault of the program. */
export class Refusal extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Prints text, or with `--json` one line of JSON. */
export function print(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`)
}

/** Prints the message, without a stack, and sets the exit code. */
export function fail(thrown: unknown): void {
  console.error(toError(thrown).message)
  process.exitCode = thrown instanceof Refusal ? thrown.exitCode : exitCodes.failed
}
