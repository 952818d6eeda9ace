package io.github.pgpure.spring;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.ConversionException;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TypeMismatchDataAccessException;
import org.springframework.dao.support.PersistenceExceptionTranslator;

/**
 * Translates pgpure's exceptions to Spring's {@link DataAccessException} hierarchy, keeping them as the cause; thread-safe.
 *
 * <p>Errors of the server are told apart by SQLSTATE
 * (<a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">manual</a>), the first row that fits:
 *
 * <table>
 * <caption>SQLSTATE, or its class, and the exception</caption>
 * <tr><td>23505<td>{@link DuplicateKeyException}
 * <tr><td>40001, 55P03<td>{@link CannotAcquireLockException}
 * <tr><td>57014<td>{@link QueryTimeoutException}
 * <tr><td>42501, class 28<td>{@link PermissionDeniedDataAccessException}
 * <tr><td>22, 23, 27, 44<td>{@link DataIntegrityViolationException}
 * <tr><td>21, 42<td>{@link InvalidDataAccessResourceUsageException}
 * <tr><td>40<td>{@link PessimisticLockingFailureException}
 * <tr><td>08, 53, 54, 57, 58<td>{@link DataAccessResourceFailureException}
 * <tr><td>0A, 25<td>{@link InvalidDataAccessApiUsageException}
 * <tr><td>others<td>{@link UncategorizedPgException}
 * </table>
 *
 * <p>As a bean it translates what methods of {@code @Repository} classes throw.
 */
public class PgExceptionTranslator implements PersistenceExceptionTranslator {

    @Override
    public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException exception) {
        return exception instanceof PgException e ? translate(null, e) : null;
    }

    /**
     * The exception of Spring's hierarchy for this error.
     *
     * @param task what was done, to begin the message with; null for nothing
     * @param exception the error, which becomes the cause
     */
    public static DataAccessException translate(@Nullable String task, PgException exception) {
        String message = task == null ? String.valueOf(exception.getMessage()) : task + ": " + exception.getMessage();
        if (exception instanceof PgServerException server) {
            return translateSqlState(message, server);
        }
        if (exception instanceof io.github.pgpure.QueryTimeoutException) {
            return new QueryTimeoutException(message, exception);
        }
        if (exception instanceof AcquireTimeoutException
                || exception instanceof PgConnectionException
                || exception instanceof PgProtocolException) {
            return new DataAccessResourceFailureException(message, exception);
        }
        if (exception instanceof MissingRowException) {
            return new EmptyResultDataAccessException(message, 1, exception);
        }
        if (exception instanceof ConversionException) {
            // A parameter that does not fit is the caller's mistake; a value that does not fit is a mismatch of the
            // mapping.
            return exception.outcome() == Outcome.NOT_SENT
                    ? new InvalidDataAccessApiUsageException(message, exception)
                    : new TypeMismatchDataAccessException(message, exception);
        }
        return new UncategorizedPgException(message, exception);
    }

    private static DataAccessException translateSqlState(String message, PgServerException exception) {
        switch (exception.sqlState()) {
            case "23505":
                return new DuplicateKeyException(message, exception);
            case "40001", "55P03":
                return new CannotAcquireLockException(message, exception);
            case "57014":
                return new QueryTimeoutException(message, exception);
            case "42501":
                return new PermissionDeniedDataAccessException(message, exception);
            default:
                break;
        }
        return switch (sqlStateClass(exception.sqlState())) {
            case "22", "23", "27", "44" -> new DataIntegrityViolationException(message, exception);
            case "21", "42" -> new InvalidDataAccessResourceUsageException(message, exception);
            case "28" -> new PermissionDeniedDataAccessException(message, exception);
            case "40" -> new PessimisticLockingFailureException(message, exception);
            case "08", "53", "54", "57", "58" -> new DataAccessResourceFailureException(message, exception);
            case "0A", "25" -> new InvalidDataAccessApiUsageException(message, exception);
            default -> new UncategorizedPgException(message, exception);
        };
    }

    private static String sqlStateClass(String sqlState) {
        return sqlState.length() < 2 ? sqlState : sqlState.substring(0, 2);
    }
}
