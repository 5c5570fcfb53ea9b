package rxweft.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * One query of Flink SQL over a topic up to its present end, exactly once, in a cluster inside this process. Its statements are in a file,
 * separated by ";" at the end of a line; the last one is the INSERT. Prints what the INSERT has taken: ms, CPU ms, and the largest memory so far.
 */
public final class FlinkSql {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    var tables = TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration(options)).build());
    var statements = Files.readString(Path.of(options.text("sql"))).split(";\\s*(\\n|$)");
    for (int at = 0; at < statements.length - 1; at++) tables.executeSql(statements[at]);
    long started = System.nanoTime();
    long before = cpu();
    tables.executeSql(statements[statements.length - 1]).await();
    long ms = (System.nanoTime() - started) / 1_000_000;
    System.out.printf("{\"ms\":%d,\"cpu\":%d,\"peak\":%d}%n", ms, (cpu() - before) / 1_000_000, peak());
    System.exit(0);
  }

  private static Configuration configuration(Options options) {
    var settings = new Configuration();
    settings.setString("parallelism.default", options.text("parallelism"));
    settings.setString("table.local-time-zone", "UTC");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.interval", options.number("interval") + " ms");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString("execution.checkpointing.dir", Path.of(options.text("checkpoints")).toAbsolutePath().toUri().toString());
    settings.setString("state.backend.type", "hashmap");
    // What fails must be seen to fail.
    settings.setString("restart-strategy.type", "none");
    if (options.tuned()) {
      settings.setString("pipeline.object-reuse", "true");
      // As Nexmark's own settings for Flink: updates of a key within two seconds become one.
      settings.setString("table.exec.mini-batch.enabled", "true");
      settings.setString("table.exec.mini-batch.allow-latency", "2 s");
      settings.setString("table.exec.mini-batch.size", "50000");
      settings.setString("table.optimizer.distinct-agg.split.enabled", "true");
    }
    return settings;
  }

  /** CPU time of this process, ns. */
  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  /** Largest resident memory so far, KiB. */
  private static long peak() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private FlinkSql() {}
}
