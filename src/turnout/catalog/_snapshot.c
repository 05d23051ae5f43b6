/* Whether the statement that runs sees another state of the database than the one that was asked about before.
 *
 * Two statements of a session see the same rows if their snapshots are equal in content (which transactions each
 * takes for done, and up to which command of its own) and they run in the same transaction and subtransaction. What
 * was read for one then holds for the other. The comparison costs some ten nanoseconds, a query some ten
 * microseconds. Why no cheaper key will do: docs/decisions/0003-live-pointer.md.
 *
 * The server's functions are found in the process that we are loaded into, so nothing is linked, and outside a
 * PostgreSQL backend the import fails. The layout of SnapshotData up to curcid has been the same in PostgreSQL 12 to
 * 18; for any other version the import fails too, and the caller reads every time.
 */
#define _GNU_SOURCE
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST 150000
#define NEWEST 189999

/* src/include/utils/snapshot.h, up to the last field that is read */
typedef struct {
    int snapshot_type;
    uint32_t xmin;
    uint32_t xmax;
    uint32_t *xip;
    uint32_t xcnt;
    uint32_t *subxip;
    int32_t subxcnt;
    bool suboverflowed;
    bool taken_during_recovery;
    bool copied;
    uint32_t curcid;
} Snapshot;

static bool (*active_snapshot_set)(void);
static Snapshot *(*get_active_snapshot)(void);
static uint32_t (*top_transaction_id)(void);
static uint32_t (*current_subtransaction_id)(void);
static const char *(*get_config_option)(const char *, bool, bool);

/* the key of the last snapshot: a head of fixed size, then both lists of transactions */
#define HEAD 9
static uint32_t *last;
static size_t last_words;
static size_t room;

/* whether a session keeps what it has seen first; it changes what is answered without another snapshot */
#define PIN "pgml.pin_deployments"
static char last_pin[16];

static bool
pin_changed(void)
{
    const char *now = get_config_option(PIN, true, false);
    if (now == NULL)
        now = "";
    if (strncmp(now, last_pin, sizeof last_pin - 1) == 0)
        return false;
    strncpy(last_pin, now, sizeof last_pin - 1);
    return true;
}

static PyObject *
changed(PyObject *self, PyObject *unused)
{
    if (!active_snapshot_set() || pin_changed())
        Py_RETURN_TRUE;
    const Snapshot *now = get_active_snapshot();
    const uint32_t head[HEAD] = {
        now->xmin, now->xmax, now->xcnt, (uint32_t)now->subxcnt, now->suboverflowed, now->taken_during_recovery,
        now->curcid, top_transaction_id(), current_subtransaction_id(),
    };
    const size_t xips = now->xcnt, subxips = now->subxcnt > 0 ? (size_t)now->subxcnt : 0;
    const size_t words = HEAD + xips + subxips;

    if (words == last_words && memcmp(last, head, sizeof head) == 0
        && (xips == 0 || memcmp(last + HEAD, now->xip, xips * sizeof *last) == 0)
        && (subxips == 0 || memcmp(last + HEAD + xips, now->subxip, subxips * sizeof *last) == 0))
        Py_RETURN_FALSE;

    if (words > room) {
        uint32_t *larger = realloc(last, words * sizeof *last);
        if (larger == NULL) {
            last_words = 0;
            return PyErr_NoMemory();
        }
        last = larger;
        room = words;
    }
    memcpy(last, head, sizeof head);
    if (xips)
        memcpy(last + HEAD, now->xip, xips * sizeof *last);
    if (subxips)
        memcpy(last + HEAD + xips, now->subxip, subxips * sizeof *last);
    last_words = words;
    Py_RETURN_TRUE;
}

static PyObject *
setting(PyObject *self, PyObject *name)
{
    PyObject *bytes = PyUnicode_AsUTF8String(name);
    if (bytes == NULL)
        return NULL;
    const char *value = get_config_option(PyBytes_AsString(bytes), true, false);
    Py_DECREF(bytes);
    if (value == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(value, (Py_ssize_t)strlen(value), "replace");
}

static PyMethodDef methods[] = {
    {"changed", changed, METH_NOARGS, "Whether the running statement may be answered otherwise than the last one that asked."},
    {"setting", setting, METH_O, "The value of a setting as text, or None if nobody has set it."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_snapshot", "Compares the snapshots of statements.", -1, methods,
    NULL, NULL, NULL, NULL,
};

static void *
server_function(const char *name)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    if (found == NULL)
        PyErr_Format(PyExc_ImportError, "this process has no %s: it is no PostgreSQL backend", name);
    return found;
}

PyMODINIT_FUNC
PyInit__snapshot(void)
{
    if ((active_snapshot_set = server_function("ActiveSnapshotSet")) == NULL
        || (get_active_snapshot = server_function("GetActiveSnapshot")) == NULL
        || (top_transaction_id = server_function("GetTopTransactionIdIfAny")) == NULL
        || (current_subtransaction_id = server_function("GetCurrentSubTransactionId")) == NULL
        || (get_config_option = server_function("GetConfigOption")) == NULL)
        return NULL;
    const char *version = get_config_option("server_version_num", true, false);
    const long number = version == NULL ? 0 : strtol(version, NULL, 10);
    if (number < OLDEST || number > NEWEST) {
        PyErr_Format(PyExc_ImportError, "the snapshots of PostgreSQL %ld are not known here", number);
        return NULL;
    }
    return PyModule_Create(&module);
}
