package io.sheepdog.corosyncconf.text;

/**
 * Why corosync refuses a file before it looks at the meaning of a key.
 *
 * @param line number of the line, from 1
 * @param key stable name of the mistake for programs, such as {@code missing-colon}
 * @param structural whether it is unclear what follows it: then nothing else is worth looking at
 * @param what what is wrong
 * @param why what corosync makes of it
 * @param remedy what to do
 */
public record SyntaxProblem(
    int line, String key, boolean structural, String what, String why, String remedy) {}
