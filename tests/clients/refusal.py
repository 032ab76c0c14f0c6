"""The error of a tritonclient call that the server must refuse."""

from tritonclient.utils import InferenceServerException


def refusal(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except InferenceServerException as error:
        return error
    raise AssertionError("not refused")
