/** Inputs that were findings once: run first, in every run. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'fixtures')

export function fixturesOf(target: string): readonly Buffer[] {
  const own = join(folder, fileName(target))
  return existsSync(own) ? readdirSync(own).map((name) => readFileSync(join(own, name))) : []
}

/** Returns the file. */
export function keepFixture(target: string, input: Uint8Array): string {
  const own = join(folder, fileName(target))
  mkdirSync(own, { recursive: true })
  const file = join(own, `${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`)
  writeFileSync(file, input)
  return file
}

function fileName(target: string): string {
  return target.replaceAll(' ', '-')
}
