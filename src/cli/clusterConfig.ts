/** Reads the file of `--config`: options of `kafkaCluster`. Its content is never printed. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KafkaClusterConfig } from '../kafka/driver/driverSettings.ts'
import { exitCodes, Refusal } from './tell.ts'

/** Rejects with what is wrong with the file. */
export async function clusterConfig(file: string): Promise<Partial<KafkaClusterConfig>> {
  const found = await loaded(resolve(file)).catch((thrown: unknown) => {
    throw new Refusal(`${file} cannot be loaded: ${reasonOf(thrown)}`, exitCodes.wrongArguments)
  })
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found
  const what = `${file} has no options of kafkaCluster: a module exports them as default`
  throw new Refusal(what, exitCodes.wrongArguments)
}

async function loaded(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(await readFile(path, 'utf8'))
  const { default: options } = await import(pathToFileURL(path).href)
  return options
}

/** JSON.parse quotes the text around a mistake, which may be a password. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof SyntaxError) return 'it, or a file that it reads, has a syntax error'
  return thrown instanceof Error ? thrown.message : 'it throws'
}
