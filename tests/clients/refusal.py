"""What a server answers to a call of tritonclient that it has to refuse."""

from tritonclient.utils import InferenceServerException


def refusal(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except InferenceServerException as error:
        return error
    raise AssertionError("not refused")
