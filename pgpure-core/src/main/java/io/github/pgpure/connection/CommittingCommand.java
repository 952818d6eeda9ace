package io.github.pgpure.connection;

import io.github.pgpure.protocol.SqlText;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells commands that can commit while they run from everything else. */
final class CommittingCommand {

    /** How they begin. Others that commit, such as VACUUM, do no harm when they are run again. */
    private static final Set<String> CALL_OR_DO = Set.of("call", "do");

    /** What is done concurrently is left half done when it fails: an index that is not valid, for example. */
    private static final Pattern CONCURRENTLY = Pattern.compile("\\bconcurrently\\b", Pattern.CASE_INSENSITIVE);

    private CommittingCommand() {}

    /** Whether a part of what the command does may stay although it fails: it runs a procedure, or a block of code, or works beside others. */
    static boolean is(String sql) {
        return CALL_OR_DO.contains(SqlText.firstWord(sql))
                || CONCURRENTLY.matcher(sql).find();
    }
}
