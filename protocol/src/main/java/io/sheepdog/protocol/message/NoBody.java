package io.sheepdog.protocol.message;

/** 28 zero bytes: the response of operations that answer nothing but a result. */
public record NoBody() implements ResponseBody {
  /** The only value anyone needs. */
  public static final NoBody INSTANCE = new NoBody();
}
