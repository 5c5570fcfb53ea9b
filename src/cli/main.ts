#!/usr/bin/env node
import { CommanderError } from 'commander'
import { commandLine } from './commandLine.ts'
import { exitCodes, fail } from './tell.ts'

await commandLine()
  .parseAsync()
  .catch((thrown: unknown) => {
    // It has printed what is wrong, or the help.
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : exitCodes.wrongArguments
    else fail(thrown)
  })
