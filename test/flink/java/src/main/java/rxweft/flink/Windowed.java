package rxweft.flink;

import java.util.stream.StreamSupport;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.LongNode;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

/** What a window says when it fires: its key, itself, its value. */
final class Windowed {
  /** Of a window that has folded its elements into one number. */
  static final class Single<W extends Window> extends ProcessWindowFunction<Long, String, String, W> {
    @Override
    public void process(String key, Context context, Iterable<Long> sums, Collector<String> out) {
      out.collect(result(key, context.window(), LongNode.valueOf(sums.iterator().next())));
    }
  }

  /** Of a window that has kept its elements: their values, as they lie in its state. */
  static final class All<W extends Window> extends ProcessWindowFunction<Tuple3<String, Long, Boolean>, String, String, W> {
    @Override
    public void process(String key, Context context, Iterable<Tuple3<String, Long, Boolean>> elements, Collector<String> out) {
      var values = StreamSupport.stream(elements.spliterator(), false).map(element -> element.f1).toList();
      out.collect(result(key, context.window(), Json.array(values)));
    }
  }

  private static String result(String key, Window window, JsonNode value) {
    var result = Json.object().put("key", key);
    result.set("window", Json.window(window));
    result.set("value", value);
    return result.toString();
  }

  private Windowed() {}
}
