package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import java.io.IOException;
import java.nio.charset.Charset;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.core.io.Resource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Runs SQL scripts, each statement for itself and all of a script on one connection; thread-safe.
 *
 * <p>Scripts are split as psql does it: texts, dollar quotes, comments and {@code BEGIN ATOMIC} bodies may contain the separator.
 */
public final class PgScripts {

    private static final Log logger = LogFactory.getLog(PgScripts.class);

    private final PgPool pool;
    private final Charset encoding;
    private final String separator;
    private final boolean continueOnError;

    /**
     * @param pool where the scripts run
     * @param encoding the scripts' encoding
     * @param separator what ends a statement, usually {@code ;}
     * @param continueOnError whether to log a statement that fails and go on with the next
     */
    public PgScripts(PgPool pool, Charset encoding, String separator, boolean continueOnError) {
        this.pool = pool;
        this.encoding = encoding;
        this.separator = separator;
        this.continueOnError = continueOnError;
    }

    /**
     * Runs a script.
     *
     * @throws DataAccessException when a statement fails; the message names the script and the number of the statement
     */
    public void run(Resource script) {
        String text = read(script);
        int number = 0;
        try (PgConnection connection = pool.checkoutConnection()) {
            for (String statement : SqlScript.split(text, separator)) {
                number++;
                try {
                    connection.execute(statement);
                } catch (PgException e) {
                    if (!continueOnError || connection.dead()) {
                        throw e;
                    }
                    logger.warn("Statement " + number + " of " + script.getDescription() + " failed and is left out: "
                            + e.getMessage());
                }
            }
        } catch (PgException e) {
            throw PgExceptionTranslator.translate("statement " + number + " of " + script.getDescription(), e);
        }
    }

    private String read(Resource script) {
        try {
            return script.getContentAsString(encoding);
        } catch (IOException e) {
            throw new DataAccessResourceFailureException("could not read " + script.getDescription(), e);
        }
    }
}
