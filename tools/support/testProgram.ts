/** A program for one test, which is removed without a trace afterwards. */
import { onTestFinished } from 'vitest'
import { type Program, startProgram } from './program.ts'

export function testProgram(...[args, env, main]: Parameters<typeof startProgram>): Program {
  const program = startProgram(args, env, main)
  onTestFinished(() => program.kill())
  return program
}
