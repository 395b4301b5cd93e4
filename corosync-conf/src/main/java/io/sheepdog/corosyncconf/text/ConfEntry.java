package io.sheepdog.corosyncconf.text;

/**
 * A key and its value.
 *
 * @param line number of its line, from 1
 * @param key the key
 * @param value the value without blanks and tabs around it; may be empty
 */
public record ConfEntry(int line, String key, String value) {}
