package io.sheepdog.cli.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** JSON documents for programs: two-space indentation, sizes in bytes, times in Unix seconds. */
public final class Json {
  private Json() {}

  /** Writes the document's contents. */
  public interface Body {
    /** Writes one value. */
    void write(JsonGenerator json) throws IOException;
  }

  /** Prints one document and a newline. */
  public static void print(PrintStream out, Body body) {
    try {
      JsonGenerator json = new JsonFactory().createGenerator(out);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      body.write(json);
      json.close();
      out.println();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
