/** Runs the command line as a program. */
import { join } from 'node:path'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'

export function program(...args: readonly string[]): Program {
  return testProgram([...args], {}, program.file)
}

program.file = join(import.meta.dirname, '../../src/cli/main.ts')
