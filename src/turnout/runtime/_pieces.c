/* Where a large request for predictions can be cut: between the rows of its blocks, without reading them.
 *
 * {"input_data": [{"fields": [...], "values": [[...], [...], ...]}]}
 *
 * What is looked for are the arrays that stand in an object in an array in an object, and commas that stand directly in
 * them. Strings are skipped, and nothing else is looked at: whether it is JSON is seen when the pieces are read. Other
 * threads go on meanwhile.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* an object, an array, an object, an array */
#define LEVEL 4

typedef struct {
    Py_ssize_t *places;
    size_t count, room;
} Places;

static bool
keep(Places *found, const Py_ssize_t place)
{
    if (found->count == found->room) {
        const size_t room = found->room ? 2 * found->room : 64;
        Py_ssize_t *places = realloc(found->places, room * sizeof *places);
        if (places == NULL)
            return false;
        found->places = places;
        found->room = room;
    }
    found->places[found->count++] = place;
    return true;
}

/* past the string that begins at a place */
static Py_ssize_t
past_string(const char *text, Py_ssize_t at, const Py_ssize_t size)
{
    for (at++; at < size; at++) {
        if (text[at] == '\\')
            at++;
        else if (text[at] == '"')
            return at;
    }
    return size;
}

/* For each array: where it begins, where it may be cut, where it ends, and -1. False when there is no memory. */
static bool
look(const char *text, const Py_ssize_t size, const Py_ssize_t least, Places *found)
{
    char kinds[LEVEL + 1] = {0};
    Py_ssize_t depth = 0, last = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        switch (text[at]) {
        case '"':
            at = past_string(text, at, size);
            break;
        case '{':
        case '[':
            if (++depth <= LEVEL)
                kinds[depth] = text[at];
            if (depth == LEVEL && memcmp(kinds + 1, "{[{[", LEVEL) == 0) {
                last = at + 1;
                if (!keep(found, last))
                    return false;
            }
            break;
        case '}':
        case ']':
            if (depth == LEVEL && memcmp(kinds + 1, "{[{[", LEVEL) == 0 && !(keep(found, at) && keep(found, -1)))
                return false;
            /* what closes more than there is is no JSON */
            if (--depth < 0)
                return true;
            break;
        case ',':
            if (depth == LEVEL && at - last >= least && memcmp(kinds + 1, "{[{[", LEVEL) == 0) {
                last = at + 1;
                if (!keep(found, at))
                    return false;
            }
            break;
        }
    }
    return true;
}

/* cuts(text, least): a list of lists: where an array's content begins, commas where it may be cut, where it ends */
static PyObject *
cuts(PyObject *module, PyObject *arguments)
{
    Py_buffer text;
    Py_ssize_t least;
    Places found = {0};
    bool enough;
    if (!PyArg_ParseTuple(arguments, "y*n", &text, &least))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    enough = look(text.buf, text.len, least, &found);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&text);
    PyObject *all = enough ? PyList_New(0) : PyErr_NoMemory();
    PyObject *one = NULL;
    for (size_t i = 0; all != NULL && i < found.count; i++) {
        if (one == NULL && (one = PyList_New(0)) == NULL)
            Py_CLEAR(all);
        else if (found.places[i] < 0) {
            if (PyList_Append(all, one) < 0)
                Py_CLEAR(all);
            Py_CLEAR(one);
        } else {
            PyObject *place = PyLong_FromSsize_t(found.places[i]);
            if (place == NULL || PyList_Append(one, place) < 0)
                Py_CLEAR(all);
            Py_XDECREF(place);
        }
    }
    /* an array that does not end is not one */
    Py_XDECREF(one);
    free(found.places);
    return all;
}

static PyMethodDef functions[] = {
    {"cuts", cuts, METH_VARARGS, "Where the arrays of rows in a request begin, may be cut, and end."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_pieces", "Where a large request can be cut.", -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__pieces(void)
{
    return PyModule_Create(&definition);
}
