package io.sheepdog.daemon.options;

import org.jspecify.annotations.Nullable;

/**
 * An option as the help and the manual page show it.
 *
 * @param letter short spelling
 * @param longName long spelling, without hyphens
 * @param value what its value is called, null for an option without one
 * @param defaultValue what holds when it is absent, in words, null if there is nothing to say
 * @param meaning one sentence without a full stop
 */
public record OptionHelp(
    char letter,
    String longName,
    @Nullable String value,
    @Nullable String defaultValue,
    String meaning) {}
