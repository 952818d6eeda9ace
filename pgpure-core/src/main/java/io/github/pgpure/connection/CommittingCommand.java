package io.github.pgpure.connection;

import java.util.regex.Pattern;

/** Tells commands that can commit while they run from everything else. */
final class CommittingCommand {

    /** After white space and comments. Other commands that commit, such as VACUUM, do no harm when they are run again. */
    private static final Pattern CALL_OR_DO = Pattern.compile(
            "(?:\\s|--[^\n]*+\n|/\\*.*?\\*/)*+(?:call|do)\\b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private CommittingCommand() {}

    /** Whether a part of what the command does may stay although it fails: it runs a procedure, or a block of code. */
    static boolean is(String sql) {
        return CALL_OR_DO.matcher(sql).lookingAt();
    }
}
