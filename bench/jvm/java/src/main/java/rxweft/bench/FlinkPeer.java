package rxweft.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The uppercase job in Flink, exactly once, in a cluster inside this process, each record into the partition that it came from. */
public final class FlinkPeer {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    var environment =
        StreamExecutionEnvironment.createLocalEnvironment(options.number("parallelism"), configuration(options));
    environment
        .fromSource(source(options), WatermarkStrategy.noWatermarks(), "source")
        .map(Line::toUpperCase)
        .returns(Line.class)
        .sinkTo(sink(options));
    var client = environment.executeAsync(options.text("id"));
    // A cancelled job aborts its transaction, which would otherwise hide all that comes after it until it expires.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> cancel(client)));
    client.getJobExecutionResult().get();
    System.exit(1);
  }

  private static void cancel(JobClient client) {
    try {
      client.cancel().get(5, TimeUnit.SECONDS);
    } catch (Exception already) {
      // It has failed or it hangs: the process ends anyway.
    }
  }

  private static Configuration configuration(Options options) throws IOException {
    var folder = Path.of(options.text("checkpoints")).toAbsolutePath();
    var settings = new Configuration();
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.interval", options.number("interval") + " ms");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString("execution.checkpointing.dir", folder.toUri().toString());
    settings.setString("state.backend.type", "hashmap");
    // Whoever stops it and starts it again means the same job.
    settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    NewestCheckpoint.in(folder)
        .ifPresent(path -> settings.setString("execution.state-recovery.path", path.toUri().toString()));
    // What fails must be seen to fail.
    settings.setString("restart-strategy.type", "none");
    // Operators hand objects on without copies, as their functions do not change what they have handed on.
    if (options.tuned()) settings.setString("pipeline.object-reuse", "true");
    return settings;
  }

  private static KafkaSource<Line> source(Options options) {
    return KafkaSource.<Line>builder()
        .setBootstrapServers(options.text("brokers"))
        .setTopics(options.text("source"))
        .setGroupId(options.text("id"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new Line.Deserializer())
        .setProperties(
            options.client(
                Map.of(),
                Map.of(
                    // Each poll is handed over from the thread that fetches to the one that works: more at once, less of that.
                    "max.poll.records", 10_000,
                    "receive.buffer.bytes", 1 << 20)))
        .build();
  }

  private static KafkaSink<Line> sink(Options options) {
    return KafkaSink.<Line>builder()
        .setBootstrapServers(options.text("brokers"))
        .setRecordSerializer(new Line.Serializer(options.text("sink")))
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(options.text("id"))
        .setKafkaProducerConfig(
            options.client(
                Map.of(
                    // Flink's default of an hour is more than a broker allows by its own default.
                    "transaction.timeout.ms", 600_000,
                    "compression.type", options.text("compression")),
                Map.of(
                    // As for Kafka Streams.
                    "batch.size", 512 << 10,
                    "linger.ms", 100,
                    "buffer.memory", 64 << 20,
                    "send.buffer.bytes", 1 << 20)))
        .build();
  }

  private FlinkPeer() {}
}
