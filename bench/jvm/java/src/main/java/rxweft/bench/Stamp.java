package rxweft.bench;

import java.time.Instant;

/** When a record was sent, in microseconds since epoch, behind the label of its value: digits too, so upper case leaves them alone. */
final class Stamp {
  private static final int digits = 16;

  static final int end = Label.length + digits + 1;

  static long now() {
    var now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  static void write(byte[] value, long stamp) {
    Label.digits(value, Label.length, digits, stamp);
    value[end - 1] = ' ';
  }

  static long read(byte[] value) {
    return Label.number(value, Label.length, digits);
  }

  private Stamp() {}
}
