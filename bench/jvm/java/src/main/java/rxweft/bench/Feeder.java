package rxweft.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer for many records: idempotent, so that what it sends again is there once and in order. Closing it is the end of the feed. */
final class Feeder implements AutoCloseable {
  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failed = new AtomicReference<>();

  Feeder(Options options) {
    topic = options.text("topic");
    var settings =
        Map.of(
            "enable.idempotence", true,
            "acks", "all",
            "compression.type", options.text("compression"),
            "batch.size", options.number("batchBytes"),
            "linger.ms", 50,
            "buffer.memory", 128 << 20);
    producer = new KafkaProducer<>(options.client(settings), new ByteArraySerializer(), new ByteArraySerializer());
  }

  void send(int partition, byte[] key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, partition, key, value), (done, error) -> {
      if (error != null) failed.compareAndSet(null, error);
    });
    if (failed.get() != null) throw new IllegalStateException("a record could not be written", failed.get());
  }

  @Override
  public void close() throws Exception {
    producer.close();
    if (failed.get() != null) throw failed.get();
  }
}
