/**
 * One run of a Java program of bench/jvm: options are passed as name=value, output is read by the
 * line.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Options that are undefined are left out. */
export type JavaOptions = Readonly<Record<string, string | number | boolean | undefined>>

export interface JavaExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** End of its stderr: warnings, errors, and the reason of a failure. */
  readonly said: string
}

export interface JavaProgram {
  readonly pid: number
  /** Never rejects. */
  readonly exit: Promise<JavaExit>
  /** SIGTERM, and SIGKILL if it is still there 10 s later. */
  stop(): Promise<JavaExit>
}

/** Runs the programs of one class path. */
export interface Java {
  /** @param onLine a line of stdout */
  start(
    main: string,
    flags: readonly string[],
    options: JavaOptions,
    onLine: (line: string) => void,
  ): Promise<JavaProgram>
  /** Until its end: the last line that it printed. Rejects if it failed. */
  run(main: string, flags: readonly string[], options: JavaOptions): Promise<string>
}

/** Number of characters of stderr to keep. */
const kept = 8_000

/** ms */
const patience = 10_000

/** Warnings and errors only, on stderr. */
const logging = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // Warns at every checkpoint that a committer registers a metric again.
  '-Dorg.slf4j.simpleLogger.log.org.apache.flink.metrics=error',
]

export function javaOn(classpath: string): Java {
  return { start, run }

  async function start(
    main: string,
    flags: readonly string[],
    options: JavaOptions,
    onLine: (line: string) => void,
  ): Promise<JavaProgram> {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    const args = given.map(([name, value]) => `${name}=${value}`)
    // The program ends when its stdin does: with this process, however that ends.
    const child = spawn('java', [...flags, ...logging, '-cp', classpath, `rxweft.bench.${main}`, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdin.on('error', () => undefined)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      said = (said + more).slice(-kept)
    })
    createInterface({ input: child.stdout }).on('line', onLine)
    const exit = new Promise<JavaExit>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, said }))
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    return { pid: child.pid as number, exit, stop }

    async function stop(): Promise<JavaExit> {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), patience)
      const ended = await exit
      clearTimeout(late)
      return ended
    }
  }

  async function run(main: string, flags: readonly string[], options: JavaOptions): Promise<string> {
    let last = ''
    const program = await start(main, flags, options, (line) => {
      last = line
    })
    const { code, signal, said } = await program.exit
    if (code !== 0) throw new Error(`the Java program ${main} ended with ${signal ?? code}: ${said.trim()}`)
    return last
  }
}
