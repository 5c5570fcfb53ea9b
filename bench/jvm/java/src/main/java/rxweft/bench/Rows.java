package rxweft.bench;

import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Prints the values of a topic that a read_committed consumer sees, one a line; of a value that is null, "-" and its key. */
public final class Rows {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    var out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    try (var reading = new Reading(options, options.text("topic"), true)) {
      if (reading.undecided() > 0) throw new IllegalStateException(reading.undecided() + " offsets are behind an open transaction");
      reading.each(record -> out.println(record.value() == null ? "-" + text(record.key()) : text(record.value())));
    }
    out.flush();
    System.exit(0);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Rows() {}
}
