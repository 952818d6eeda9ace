package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.QueryTimeoutException;
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
        return ExceptionTranslation.of(task, exception);
    }
}
