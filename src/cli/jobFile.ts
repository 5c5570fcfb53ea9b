/** Loads a module that exports a job. It must not run the job itself. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Job } from '../job/defineJob.ts'
import type { ExecuteOptions } from '../job/executeOptions.ts'
import { exitCodes, Refusal } from './tell.ts'

export interface JobFile {
  readonly job: Job
  /** Options with which `rxweft run` executes it; null: the module exports none. */
  readonly options: ExecuteOptions | null
}

/** Rejects with what is wrong with the file. */
export async function jobFile(file: string): Promise<JobFile> {
  const found = await loaded(resolve(file), file)
  const { default: standard, job = standard, options = null } = found
  if (isJob(job)) return { job, options: options as ExecuteOptions | null }
  throw new Refusal(
    `${file} exports no job: export the result of defineJob as \`job\` or as default, and execute it elsewhere`,
    exitCodes.wrongArguments,
  )
}

async function loaded(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return await settling(import(pathToFileURL(path).href), file)
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown
    const { code, message } = thrown as NodeJS.ErrnoException
    const typescript = code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'
    const hint = typescript ? '. For TypeScript, run it as: node --import tsx node_modules/rxweft/dist/cli/main.js' : ''
    throw new Refusal(`${file} cannot be loaded: ${message}${hint}`, exitCodes.wrongArguments)
  }
}

/** A module may await what nothing will ever settle; Node would then end without a word of ours. */
async function settling<T>(loading: Promise<T>, file: string): Promise<T> {
  let idle = (): void => undefined
  const never = new Promise<never>((_, reject) => {
    const what = `${file} never finishes loading: it awaits a promise that nothing settles`
    idle = () => reject(new Refusal(what, exitCodes.wrongArguments))
    process.once('beforeExit', idle)
  })
  try {
    return await Promise.race([loading, never])
  } finally {
    process.off('beforeExit', idle)
  }
}

function isJob(value: unknown): value is Job {
  const { name, pipeline } = (value ?? {}) as Partial<Job>
  return typeof name === 'string' && typeof pipeline === 'function'
}
